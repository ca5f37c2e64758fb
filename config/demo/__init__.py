"""The demo's invented people, customers and events, made by the acts that pages call; ``manage.py demo`` runs it."""
