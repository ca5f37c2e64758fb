"""What holds the apps together: settings, the admin site, the first page, help, the policy as rules, the demo.

Imports every app; no app imports it. README.md describes the packages.
"""
