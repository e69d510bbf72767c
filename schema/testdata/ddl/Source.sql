CREATE TABLE IF NOT EXISTS `djddl`.`source` (
`id` int NOT NULL COMMENT ":int32:source id",
PRIMARY KEY (`id`)
) ENGINE=InnoDB, COMMENT "a source table"
