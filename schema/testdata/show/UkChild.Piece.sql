CREATE TABLE `__uk_child__piece` (
  `u` binary(16) NOT NULL COMMENT ':uuid:uuid key',
  `e` enum('a','b') NOT NULL COMMENT 'enum in key',
  `dt` datetime(3) NOT NULL COMMENT 'datetime key',
  `method` varchar(16) NOT NULL COMMENT 'method name',
  `piece` int(11) NOT NULL COMMENT ':int32:',
  `w` float NOT NULL COMMENT ':float32:',
  PRIMARY KEY (`u`,`e`,`dt`,`method`,`piece`),
  KEY `method` (`method`),
  CONSTRAINT `__uk_child__piece_ibfk_1` FOREIGN KEY (`u`, `e`, `dt`) REFERENCES `__uk_child` (`u`, `e`, `dt`) ON UPDATE CASCADE,
  CONSTRAINT `__uk_child__piece_ibfk_2` FOREIGN KEY (`method`) REFERENCES `#method` (`method`) ON UPDATE CASCADE
) ENGINE=InnoDB COMMENT='part of computed'
