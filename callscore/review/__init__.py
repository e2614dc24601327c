"""The trainer's desk: what people say about calls, kept beside the store and laid over what the machine said."""
