"""How passwords are kept: Argon2 at the cost that OWASP names, so that guesses hold no server up."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class PasswordHasher(Argon2PasswordHasher):
    """Argon2id with 19 MiB and one thread; Django's own takes 100 MiB and eight threads for each guess."""

    time_cost, memory_cost, parallelism = 2, 19_456, 1
