"""The bulletin (通报): what it says on a day, and the documents in which it is handed on."""
