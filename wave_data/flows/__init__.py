"""Operations across tables; each of them is one transaction."""
