"""The numerical engines: plain functions on arrays that know nothing of dates, sources or reports."""
