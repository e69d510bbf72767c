CREATE TABLE IF NOT EXISTS `djddl`.`_source_info__channel` (
`id` int NOT NULL COMMENT "source id",
`channel` smallint NOT NULL COMMENT ":int16:channel number",
`data` longblob NOT NULL COMMENT ":<blob>:array",
PRIMARY KEY (`id`, `channel`),
FOREIGN KEY (`id`) REFERENCES `djddl`.`_source_info` (`id`) ON UPDATE CASCADE ON DELETE RESTRICT
) ENGINE=InnoDB, COMMENT "part of imported"
