"""bsops: operate the Bookstore platform on AWS."""

__version__ = "0.1.0"
