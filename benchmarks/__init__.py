"""What is measured, not asserted: the quality of what the product finds and refuses."""
