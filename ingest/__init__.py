"""What enters the house: recordings and samples, validated at the door."""
