"""Pages that do: recipients, requests from outside, disclosures, what customers are told."""
