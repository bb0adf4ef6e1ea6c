"""From change sets to the fewest requests that say exactly that. Pure, and ignorant of which API it plans for."""
