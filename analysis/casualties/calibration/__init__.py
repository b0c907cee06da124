"""How far the methods' intervals and alarms can be trusted, measured on simulated wars.

Each file measures one method; `runner` repeats it over wars, `programme` lists what is measured, `shortfalls` says in
words what does not hold, and `likeness` takes a war like one's own.
"""
