"""Sign-in of staff: adapters of django-allauth, second factors, sessions, rate limits, and the records of all these.

The pages are in ``admin_views.second_factor`` and ``own_sign_in``, the forms in ``admin_forms.sign_in``.
"""
