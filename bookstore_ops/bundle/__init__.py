"""What leaves this machine when somebody asks for help: gathered, masked, packed."""
