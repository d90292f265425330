"""What drivers are told by the clock: their parking begins, they are early or late, it ends."""
