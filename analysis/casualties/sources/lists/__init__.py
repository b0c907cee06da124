"""Any list of events or victims, read through a mapping."""
