CREATE TABLE IF NOT EXISTS `djddl`.`#singleton` (
`_singleton` tinyint NOT NULL DEFAULT TRUE COMMENT ":bool:singleton primary key",
`v` int NOT NULL COMMENT ":int32:",
PRIMARY KEY (`_singleton`)
) ENGINE=InnoDB, COMMENT "singleton with empty key"
