"""A login as a browser recorded it (HAR 1.2): read without the network, its secrets dropped as it is read, and walked.

``read`` gives the hops, ``cookies`` says by RFC 6265bis what becomes of a cookie, ``walk`` finds the logins and the
rounds in them. The causes over it are in `diagnostics.causes.session_cookie`.
"""
