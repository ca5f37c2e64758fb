"""What officers and approvers type about recipients, requests from outside, and disclosures."""
