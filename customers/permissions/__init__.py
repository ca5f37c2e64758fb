"""Who may: predicates ``can_x(person, row)``, each with its queryset twin beside it, by what they are about.

``standing`` decides what role, team and grant together allow; ``querysets`` names the twin of each table. Nothing here
writes, and nothing here raises for a missing right: acts refuse, pages answer 403.
"""
