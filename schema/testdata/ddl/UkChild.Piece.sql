CREATE TABLE IF NOT EXISTS `djddl`.`__uk_child__piece` (
`u` binary(16) NOT NULL COMMENT ":uuid:uuid key",
`e` enum('a','b') NOT NULL COMMENT "enum in key",
`dt` datetime(3) NOT NULL COMMENT "datetime key",
`method` varchar(16) NOT NULL COMMENT "method name",
`piece` int NOT NULL COMMENT ":int32:",
`w` float NOT NULL COMMENT ":float32:",
PRIMARY KEY (`u`, `e`, `dt`, `method`, `piece`),
FOREIGN KEY (`u`, `e`, `dt`) REFERENCES `djddl`.`__uk_child` (`u`, `e`, `dt`) ON UPDATE CASCADE ON DELETE RESTRICT,
FOREIGN KEY (`method`) REFERENCES `djddl`.`#method` (`method`) ON UPDATE CASCADE ON DELETE RESTRICT
) ENGINE=InnoDB, COMMENT "part of computed"
