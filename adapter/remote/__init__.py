"""The only way out to the network: what is fetched from others, or sent to them."""
