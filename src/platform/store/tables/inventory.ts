// biome-ignore lint/complexity/noBannedTypes: filled by its feature.
export type InventoryTables = {};
