"""What every service takes from the company's own library, all of it about messages and AWS.

Nothing here knows an order, and no service is known here.
"""
