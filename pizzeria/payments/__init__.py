"""The payments: one charge per order, and its money back where the order came to nothing.

``handler``  charge and refund, for the saga
``ledger``   the payments table
``bank``     stands in for the payment provider
"""
