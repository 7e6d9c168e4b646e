"""The diagnosis: what fails, the questions as they are answered, the cause with its proof."""
