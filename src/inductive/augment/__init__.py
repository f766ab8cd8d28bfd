"""Changes of images as functions of batches: rotation, random views, elastic deformation, resizing.

All randomness is an argument: uniform numbers that the caller draws.
"""
