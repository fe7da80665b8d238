"""The realtime protocol: events, transcript, delegation and the conversation machine."""
