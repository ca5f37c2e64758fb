"""What spans rooms: acts that meet, attacks, every page, queries, an upgrade."""
