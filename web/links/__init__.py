"""The pages behind the links in our mail: manage, confirm, unsubscribe."""
