"""What makes files of this repository: docs, faces, the sync client."""
