CREATE TABLE IF NOT EXISTS `djddl`.`source_pair` (
`id_a` int NOT NULL COMMENT "source id",
`id_b` int NOT NULL COMMENT "source id",
`method` varchar(16) COMMENT "method name",
`id` int NOT NULL COMMENT "source id",
PRIMARY KEY (`id_a`, `id_b`),
FOREIGN KEY (`id_a`) REFERENCES `djddl`.`source` (`id`) ON UPDATE CASCADE ON DELETE RESTRICT,
FOREIGN KEY (`id_b`) REFERENCES `djddl`.`source` (`id`) ON UPDATE CASCADE ON DELETE RESTRICT,
FOREIGN KEY (`method`) REFERENCES `djddl`.`#method` (`method`) ON UPDATE CASCADE ON DELETE RESTRICT,
FOREIGN KEY (`id`) REFERENCES `djddl`.`_source_info` (`id`) ON UPDATE CASCADE ON DELETE RESTRICT,
UNIQUE INDEX (`id`)
) ENGINE=InnoDB, COMMENT "renamed foreign keys in the primary key"
