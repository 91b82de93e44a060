"""What is said to each kind of wearable, so that it streams; decoders are beside this folder."""
