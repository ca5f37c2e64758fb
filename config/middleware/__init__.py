"""Middleware for every request: headers, access log, ``/healthz``, session limits, refusals as pages, loopback only."""
