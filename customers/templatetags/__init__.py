"""Template tags: display of masks, times and codes (``desk``), and codes of a demo (``sign_in``)."""
