"""Rails: the port to what moves money outside, what they are asked to do, what they tell."""
