"""The inventory: how many pizzas of each kind there is dough for, and who has reserved how many.

``handler``  reserve and release, for the saga
``stock``    the inventory table
"""
