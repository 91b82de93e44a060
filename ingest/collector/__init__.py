"""The overnight collector: from wearables by Bluetooth to the recording of a night."""
