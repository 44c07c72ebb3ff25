"""Reading free text: who, where, how much and when. Rules alone, no model, no network."""
