"""Changes of images as functions of batches: rotation, random views, elastic deformation, resizing.

What is random in them is an argument: uniform numbers, drawn by the caller.
"""
