"""What wearables send, decoded: one file each, bytes in, samples out, no radio."""
