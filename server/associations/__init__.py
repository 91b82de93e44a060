"""What goes with what: nights with something beside nights without it, as pure statistics."""
