"""The clean-up bench: looking at columns of a worksheet, and cleaning them. All of it ends in pending edits.

Transformation (data) ─▶ folding: what becomes of each row of some Frames ─▶ writing: one step of the worksheet
     cleaning    one transformation, previewed or done
     recipes     several, one after the other
     operations  those of a worksheet in another order, or without some
"""
