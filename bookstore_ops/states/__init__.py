"""What is known of a state beside the state itself: copies, versions, digests, records, AWS."""
