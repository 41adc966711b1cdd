"""What the recipes share: reading the data, augmentation, the loop, metrics."""
