"""The frame of every act: who may begin it, what refuses it, how often."""
