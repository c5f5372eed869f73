"""Chinese postal addresses as whole spans."""
